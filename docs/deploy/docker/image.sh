#!/bin/sh
# Makes the files of the container image in a folder: sh docs/deploy/docker/image.sh FOLDER, from the root of the repository.
# The Dockerfile and TestImage both run it. FOLDER/root becomes /, FOLDER/data becomes the data folder.
set -eu
folder=$1
authorities=${AUTHORITIES:-/etc/ssl/certs/ca-certificates.crt}

mkdir -p "$folder/root/etc/ssl/certs" "$folder/root/etc/heyan" "$folder/root/tmp" "$folder/data"
chmod 1777 "$folder/root/tmp"
chmod 700 "$folder/data"

# Without cgo, the program needs no file of a C library. It brings its own time zones.
CGO_ENABLED=0 go build -trimpath -ldflags='-s -w' -o "$folder/root/heyan" ./cmd/heyan

cp "$authorities" "$folder/root/etc/ssl/certs/ca-certificates.crt"
chmod 644 "$folder/root/etc/ssl/certs/ca-certificates.crt"
echo 'heyan:x:65532:65532:heyan:/var/lib/heyan:/heyan' >"$folder/root/etc/passwd"
echo 'heyan:x:65532:' >"$folder/root/etc/group"
