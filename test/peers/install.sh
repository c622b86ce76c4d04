#!/usr/bin/env bash
# The real servers that the tests talk to, from Debian's packages: installed where absent, if we may.
set -euo pipefail

packages=(snmpd snmp snmpsim mosquitto mosquitto-clients influxdb prometheus prometheus-alertmanager
  prometheus-snmp-exporter victoria-metrics chromium fonts-dejavu-core)

missing=()
for package in "${packages[@]}"; do
  [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)" = installed ] || missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] && exit 0

line="apt-get update && apt-get install -y --no-install-recommends ${missing[*]}"
if ! command -v apt-get >/dev/null; then
  echo "the tests need these Debian packages, and this is not Debian: ${missing[*]}" >&2
  exit 1
elif [ "$(id -u)" = 0 ]; then
  as_root=()
elif sudo -n true 2>/dev/null; then
  as_root=(sudo -n)
else
  echo "the tests need servers that are not installed; run: sudo sh -c '$line'" >&2
  exit 1
fi

echo "installing ${missing[*]}" >&2
# Packages start their servers on installing; ours are started by the tests, on free ports.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee "$policy" >/dev/null
  "${as_root[@]}" chmod +x "$policy"
  trap '"${as_root[@]}" rm -f "$policy"' EXIT
fi
"${as_root[@]}" apt-get update -qq
DEBIAN_FRONTEND=noninteractive "${as_root[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
