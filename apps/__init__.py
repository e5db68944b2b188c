"""What a person starts: the command line, the folder of results, and the report.

In: photos, packets, options. Out: files a person can look at (`output_folder`), `report.html`, `report.json`.
"""

from semcom.installation import require

require("command")
