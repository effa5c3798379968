#!/bin/sh
# Writes the Go of the API's protocol anew, or with an argument into that folder, with the
# generator of the version in go.mod. Needs protoc (libprotoc 3.21.12).
set -eu
cd "$(dirname "$0")/../../.."
out=${1:-cmd/internal/rpcapi/heyanv1}
bin=$(mktemp -d)
trap 'rm -rf "$bin"' EXIT
go build -o "$bin/protoc-gen-go" google.golang.org/protobuf/cmd/protoc-gen-go
PATH=$bin:$PATH protoc --proto_path=docs/proto --go_out="$out" \
	--go_opt=module=github.com/heyan-id/heyan/cmd/internal/rpcapi/heyanv1 docs/proto/heyan/v1/*.proto
