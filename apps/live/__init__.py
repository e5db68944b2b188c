"""The live page: what a sender understands and sends, and what a receiver makes of it while it comes.

```
browser ⇄ server (HTTP, WebSocket) ─ LiveSession ─ Sender ─► AirLoop ─► Receiver ─ EventHub ─► browsers
                                     or hosts.TxSession ─ host tx, hosts.RxSession ─ host rx
```
"""
