#!/bin/sh
# Writes the Go of the API's protocol anew, or with an argument into that folder. The version is
# fixed, so that it changes nothing unless the protocol was changed. Needs protoc (libprotoc 3.21.12).
set -eu
cd "$(dirname "$0")/../../.."
out=${1:-cmd/internal/rpcapi/heyanv1}
bin=$(mktemp -d)
trap 'rm -rf "$bin"' EXIT
GOBIN=$bin go install google.golang.org/protobuf/cmd/protoc-gen-go@v1.36.12
PATH=$bin:$PATH protoc --proto_path=docs/proto --go_out="$out" \
	--go_opt=module=github.com/heyan-id/heyan/cmd/internal/rpcapi/heyanv1 docs/proto/heyan/v1/*.proto
