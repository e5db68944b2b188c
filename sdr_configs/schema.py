"""The one place that pydantic is imported from: seen to first, since distributions may have an older one."""

from semcom.installation import require

require("radio files")

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

__all__ = ["BaseModel", "ConfigDict", "Field", "ValidationError", "model_validator"]
