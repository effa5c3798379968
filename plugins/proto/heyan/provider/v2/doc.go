// Package providerv2 is the generated Go code of the plugin protocol, version 2. The source
// is provider.proto beside it; `make proto` generates the code. Package plugins uses it, and
// plugins/internal/wire converts between its messages and the types of heyan.
package providerv2
