#!/bin/sh
# hdr_decode_test.sh SOURCE_FOLDER HISTOGRAMS.json: runs hdr_decode_test.cjs in the current folder,
# where the package is installed the first time. Exit code 77 says that it was skipped.
set -eu
source_folder=$1
histograms=$2

if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
  echo "skipped: node and npm are needed (apt-get install nodejs npm)"
  exit 77
fi
if [ ! -d node_modules/hdr-histogram-js ]; then
  cp "$source_folder/package.json" "$source_folder/package-lock.json" .
  if ! npm ci --ignore-scripts --no-audit --no-fund; then
    echo "skipped: npm could not install hdr-histogram-js"
    exit 77
  fi
fi
exec node "$source_folder/hdr_decode_test.cjs" "$histograms"
