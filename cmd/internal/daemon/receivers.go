package daemon

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/heyan-id/heyan/cmd/internal/webhook"
	"github.com/heyan-id/heyan/config"
	"github.com/heyan-id/heyan/config/assemble"
	"github.com/heyan-id/heyan/config/strictyaml"
	"github.com/heyan-id/heyan/engine/idv"
)

// receivers are the configured webhooks.
type receivers struct {
	alerts, events []*webhook.Hook
	lines          []*receiverLine
}

// receiverLine is the network of one webhook.
type receiverLine struct {
	hook *webhook.Hook
	way  *assemble.Way
	told string // the fault that was logged last
}

// openReceivers opens the configured webhooks without sending anything.
func openReceivers(c config.Config, secrets *assemble.Secrets) (*receivers, error) {
	r := new(receivers)
	var faults []error
	open := func(path string, w config.Webhook, oldSecret string) *webhook.Hook {
		hook, err := r.open(path, w, oldSecret, secrets)
		if err != nil {
			faults = append(faults, strictyaml.Faults{{Path: path, Text: err.Error()}})
		}
		return hook
	}
	for i, w := range c.Alerts.Webhooks {
		r.alerts = append(r.alerts, open(strictyaml.At("alerts.webhooks", i), w, ""))
	}
	for i, s := range c.Webhooks {
		w := config.Webhook{Name: s.Name, Format: string(webhook.Generic), URL: s.URL, Secret: s.Secret, Network: s.Network}
		r.events = append(r.events, open(strictyaml.At("webhooks", i), w, s.OldSecret))
	}
	return r, errors.Join(faults...)
}

// open opens one webhook.
func (r *receivers) open(path string, w config.Webhook, oldSecret string, secrets *assemble.Secrets) (*webhook.Hook, error) {
	c := webhook.Config{Name: w.Name, Format: webhook.Format(w.Format)}
	for _, one := range []struct {
		key, ref string
		to       *idv.Sensitive
	}{{"url", w.URL, &c.URL}, {"secret", w.Secret, &c.Secret}, {"old_secret", oldSecret, &c.OldSecret}} {
		if one.ref == "" {
			continue
		}
		var err error
		if *one.to, err = secrets.Resolve(context.Background(), one.ref); err != nil {
			return nil, fmt.Errorf("%s: %w", one.key, err)
		}
	}
	way := assemble.NewWay(w.Network, path+".network", secrets)
	var err error
	if c.Network, _, err = way.Read(context.Background()); err != nil {
		return nil, err
	}
	hook, err := webhook.New(c)
	if err == nil {
		r.lines = append(r.lines, &receiverLine{hook: hook, way: way})
	}
	return hook, err
}

// refresh takes over the networks whose files or secrets changed. A fault is logged when it
// begins and when it ends.
func (r *receivers) refresh(ctx context.Context, log *slog.Logger) {
	for _, l := range r.lines {
		network, changed, err := l.way.Read(ctx)
		if err == nil && changed {
			if err = l.hook.SetNetwork(network); err == nil {
				log.Info("webhook network replaced", slog.Any("hook", l.hook))
			}
		}
		if ctx.Err() != nil {
			return
		}
		told := ""
		if err != nil {
			told = err.Error()
		}
		switch told {
		case l.told:
		case "":
			log.Info("webhook network read again", slog.Any("hook", l.hook))
		default:
			log.Warn("webhook network not read; the last one stays in use", slog.Any("hook", l.hook), slog.String("errors", told))
		}
		l.told = told
	}
}
