package declared

import (
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
	"github.com/heyan-id/heyan/providers/body"
)

// codec is the adapter of a product. It is not changed after it was compiled.
type codec struct {
	request
	descriptor idv.Descriptor
	table      providers.Table
	reply      reply
	settings   providers.Settings
}

// describe sets the descriptor.
func (c *codec) describe(d idv.Descriptor) { c.descriptor, c.table = d, d.Codes }

// with returns a codec with the settings of a provider. Its calls use those that are no
// secrets.
func (c *codec) with(s providers.Settings) (providers.Codec, error) {
	own := *c
	own.settings = s
	return &own, nil
}

// Describe returns the descriptor.
func (c *codec) Describe() idv.Descriptor { return c.descriptor }

// Format returns the format of the bodies of replies.
func (c *codec) Format() body.Format { return c.reply.body.Format }
