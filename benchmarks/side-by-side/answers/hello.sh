#!/bin/sh
# The CGI program.
echo Content-Type: text/plain
echo
echo hello
