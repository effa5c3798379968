package assemble

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/heyan-id/heyan/config"
	"github.com/heyan-id/heyan/config/strictyaml"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/store/privatefile"
	"github.com/heyan-id/heyan/engine/store/sqlstore"
	"github.com/heyan-id/heyan/plugins"
	"github.com/heyan-id/heyan/policy/consent/receipt"
	"github.com/heyan-id/heyan/policy/keyring"
	"github.com/heyan-id/heyan/providers"
)

// Check loads a configuration and makes the checks of [New] that need no secret, start no
// plugin and open no connection: the values, and the files that they name. The error has
// every fault with its path and line.
func Check(path string, environ []string) (*config.Loaded, error) {
	loaded, err := config.Load(path, environ)
	if err != nil {
		_, err = config.Check(path, environ, Known) // validates what could be read
		return nil, err
	}
	if err := errors.Join(loaded.Validate(Known).Err(), loaded.Locate(checkFiles(loaded.Config))); err != nil {
		return nil, err
	}
	return loaded, nil
}

// checkFiles reports what is wrong with the files and addresses that a valid configuration
// names.
func checkFiles(c config.Config) error {
	_, err := routes(&c)
	return errors.Join(err, CheckPolicy(c), checkStore(c.Store), checkProviders(&c), checkNetworks(&c))
}

// checkStore reports why the store cannot be opened, as far as that can be seen from
// outside.
func checkStore(c config.Store) error {
	switch {
	case c.Driver == "sqlite":
		if err := sqlstore.CheckSQLite(c.DSN); err != nil {
			return pathFault("store.dsn", err)
		}
		for _, suffix := range []string{keySuffix, peopleKeySuffix, receiptKeySuffix, ".alerts"} {
			if err := privatefile.Check(strings.TrimPrefix(c.DSN, "file:") + suffix); err != nil {
				return pathFault("store.dsn", err)
			}
		}
	case c.Driver == "postgres" && !config.IsReference(c.DSN):
		return checkServer(c, c.DSN)
	}
	return nil
}

// checkServer reports why a PostgreSQL server must not be used by its DSN.
func checkServer(c config.Store, dsn string) error {
	switch verified, err := sqlstore.VerifiedPostgres(dsn); {
	case err != nil:
		return pathFault("store.dsn", err)
	case !verified && !c.TrustNetwork:
		return pathFault("store.dsn", errors.New("connects to another machine without verifying its certificate, so whoever controls the network can read and "+
			"change the ledger; add sslmode=verify-full to the DSN, or set store.trust_network to true"))
	}
	return nil
}

// checkProviders reports plugins whose program would not be started, and addresses that hold
// the path of the call.
func checkProviders(c *config.Config) error {
	var faults strictyaml.Faults
	for i, p := range c.Providers {
		path := strictyaml.At("providers", i)
		if p.Plugin.Path != "" {
			if err := plugins.Inspect(spec(p, nil)); err != nil {
				faults = append(faults, strictyaml.Fault{Path: path + ".plugin", Text: err.Error()})
			}
			continue
		}
		product, err := find(p)
		if err != nil {
			continue // Validate reports it
		}
		settings := plain(c.SettingsOf(p), product.Factory.Descriptor)
		if codec, err := product.Factory.New(settings); err == nil {
			if text := addressFault(codec, settings); text != "" {
				faults = append(faults, strictyaml.Fault{Path: path + ".settings.base_url", Text: text})
			}
		}
	}
	return faults.Err()
}

// addressFault returns what is wrong with a base_url to which the path of the call is
// appended, or "". The call is that of a fictitious person.
func addressFault(codec providers.Codec, settings providers.Settings) string {
	d := codec.Describe()
	q := idv.Query{ID: "check", Check: d.Check, Subject: idv.Subject{
		Name: idv.NewSensitive("测试"), IDNumber: idv.NewSensitive("11010120990101005X"),
		Mobile: idv.NewSensitive("19900000000"), BankCard: idv.NewSensitive("6200000000000000003"),
	}.Only(d.Check.Claims())}
	if len(d.Documents) > 0 {
		q.Document = d.Documents[0]
	}
	call, err := codec.Encode(q)
	base, invalid := url.Parse(settings["base_url"])
	if err != nil || invalid != nil || len(call.Path) < 2 {
		return "" // Validate reports an invalid address
	}
	if strings.HasSuffix(strings.TrimSuffix(base.Path, "/"), strings.TrimSuffix(call.Path, "/")) {
		return "holds the path of the call, " + call.Path + ", which heyan appends; remove it"
	}
	return ""
}

// CheckSecrets resolves every reference of a configuration, and checks what stands behind
// them as far as that needs no connection. It shows none of it.
func CheckSecrets(o Options) error {
	_, err := checkSecrets(o)
	return err
}

// checkSecrets is CheckSecrets, and returns the secrets by the paths of their references.
func checkSecrets(o Options) (map[string]idv.Sensitive, error) {
	o.Secrets = o.resolver()
	var faults []error
	note := func(path string, err error) {
		if err != nil {
			faults = append(faults, pathFault(path, err))
		}
	}
	secrets := map[string]idv.Sensitive{}
	for _, r := range config.References(o.Config) {
		secret, err := o.resolve(r.Value)
		note(r.Path, err)
		if err == nil {
			secrets[r.Path] = secret
		}
	}
	if secret, ok := secrets["store.dsn"]; ok {
		faults = append(faults, checkServer(o.Config.Store, secret.Reveal()))
	}
	if seed, ok := secrets["policy.consent.receipt_key"]; ok {
		_, err := receipt.NewSigner(seed)
		note("policy.consent.receipt_key", err)
	}
	if list, ok := secrets["policy.abuse.honeytokens"]; ok {
		_, err := readHoneytokens(list)
		faults = append(faults, err)
	}
	for i := range o.Config.Tenants {
		if list, ok := secrets[strictyaml.At("tenants", i)+".honeytokens"]; ok {
			_, err := readHoneytokens(list)
			faults = append(faults, tenantFault(i, err))
		}
	}
	var keys []keyring.Key
	for i, k := range o.Config.Policy.Keys {
		if secret, ok := secrets[strictyaml.At("policy.keys", i)+".secret"]; ok {
			keys = append(keys, keyring.Key{ID: k.ID, Secret: secret})
		}
	}
	if len(keys) > 0 && len(keys) == len(o.Config.Policy.Keys) {
		_, err := keyring.New(keys...)
		note("policy.keys", err)
	}
	return secrets, errors.Join(slices.DeleteFunc(faults, func(err error) bool { return err == nil })...)
}

func pathFault(path string, err error) error {
	return strictyaml.Faults{{Path: path, Text: strings.TrimPrefix(err.Error(), fmt.Sprintf("%s: ", path))}}
}
