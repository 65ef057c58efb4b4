#!/bin/sh
# usage: exported_symbols.sh LIBRARY...: a shared library defines what is actorbus' own, and nothing else that somebody
# could run into. Weak symbols are templates and inline functions of whoever is included: those are shared.
set -eu
for library; do
  own=$(nm -DC --defined-only "$library" | grep -c ' T actorbus::') || true
  foreign=$(nm -DC --defined-only "$library" | grep -E ' [TDBRG] ' | grep -v 'actorbus::' || true)
  if [ "$own" -eq 0 ] || [ -n "$foreign" ]; then
    printf '%s: %s functions of its own; what it should not define:\n%s\n' "$library" "$own" "$foreign"
    exit 1
  fi
  printf '%s: %s functions\n' "$library" "$own"
done
