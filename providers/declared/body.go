package declared

import (
	"encoding/base64"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/heyan-id/heyan/providers/body"
	"github.com/heyan-id/heyan/providers/strictjson"
)

// watched reads the watched values of a body.
type watched struct {
	body.Format
	pointers []string
	selector *strictjson.Selector
}

// values returns the watched values, each as JSON. An empty body has none.
func (w watched) values(raw []byte) ([]strictjson.Value, error) {
	if len(raw) == 0 {
		return make([]strictjson.Value, len(w.pointers)), nil
	}
	if w.IsJSON() {
		if w.Encoding == "" || w.Encoding == body.UTF8 { // the selector checks that it is UTF-8
			return w.selector.Select(raw)
		}
		text, err := w.Decode(raw)
		if err != nil {
			return nil, err
		}
		return w.selector.Select(text)
	}
	texts, err := w.Texts(raw)
	if err != nil {
		return nil, err
	}
	values := make([]strictjson.Value, len(w.pointers))
	for i, p := range w.pointers {
		if text, ok := texts[p]; ok {
			values[i], err = jsontext.AppendQuote(nil, text)
			if err != nil {
				return nil, errBody
			}
		}
	}
	return values, nil
}

func unbase64(text string) (string, error) {
	raw, err := base64.StdEncoding.DecodeString(text)
	return string(raw), err
}
