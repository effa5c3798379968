#!/bin/sh
# Writes the Go of the protocol anew, or with an argument into that folder. The versions are
# fixed, so that it changes nothing unless the protocol was changed. Needs protoc
# (libprotoc 3.21.12). Exits with 3 if a generator cannot be installed.
set -eu
cd "$(dirname "$0")"
out=${1:-.}
bin=$(mktemp -d)
trap 'rm -rf "$bin"' EXIT
GOBIN=$bin go install google.golang.org/protobuf/cmd/protoc-gen-go@v1.36.12 || exit 3
GOBIN=$bin go install google.golang.org/grpc/cmd/protoc-gen-go-grpc@v1.6.2 || exit 3
PATH=$bin:$PATH protoc --proto_path=. \
	--go_out="$out" --go_opt=paths=source_relative \
	--go-grpc_out="$out" --go-grpc_opt=paths=source_relative \
	heyan/provider/v2/provider.proto
