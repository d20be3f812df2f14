"""The servers that are measured. A new one is a class here, and its key in the rows that it can serve."""

from .handoff import Handoff, HandoffC, HandoffLrwp, HandoffLrwpOne
from .nginx import Nginx, NginxFastCgi, NginxFastCgiNew, NginxFcgiwrap, NginxPhp, NginxUwsgi
from .node import Node
from .gunicorn import Gunicorn

SERVERS = {server.key: server for server in (
    Handoff, HandoffC, HandoffLrwp, HandoffLrwpOne, Nginx, Node, NginxPhp, NginxUwsgi, Gunicorn,
    NginxFastCgi, NginxFastCgiNew, NginxFcgiwrap)}
