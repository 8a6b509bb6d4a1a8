#!/bin/sh
# autogen.sh - makes ./configure from configure.ac and Makefile.am.
set -eu
cd "$(dirname "$0")"
exec autoreconf --install --warnings=all
