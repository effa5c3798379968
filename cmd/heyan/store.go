package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/heyan-id/heyan/cmd/internal/words"
	"github.com/heyan-id/heyan/config/assemble"
	"github.com/heyan-id/heyan/engine/store"
)

// opened tells why a store did not open, behind what names its place. A database that is
// away is no fault of the command line: another one would fail as well.
func (t *tool) opened(place string, err error) error {
	switch {
	case errors.Is(err, assemble.ErrOwned):
		return setUp("store: %w; stop that one first, or give each a file of its own by store.dsn. "+
			"Several daemons share a book in PostgreSQL only (store.driver: postgres)", assemble.ErrOwned)
	case errors.Is(err, store.ErrUnavailable):
		return t.away(err)
	}
	return setUp("%s%s", place, faultLines(err))
}

// built is opened for a whole house, in which other things than the store may be away:
// a plugin, an address. The store's faults begin with its name.
func (t *tool) built(place string, err error) error {
	if strings.HasPrefix(err.Error(), "store: ") {
		return t.opened(place, err)
	}
	return setUp("%s%s", place, faultLines(err))
}

// away says what to do about a database that cannot be used now, if that is what err is.
func (t *tool) away(err error) error {
	if !errors.Is(err, store.ErrUnavailable) {
		return err
	}
	var e *ending
	if errors.As(err, &e) && e.code != exitInternal {
		return err
	}
	return &ending{code: exitInternal, err: fmt.Errorf(words.Text{
		EN: "the database cannot be used now; see that it runs and that store.dsn names it, then do the same again: %w",
		ZH: "数据库暂不可用，请确认其正在运行且 store.dsn 无误，然后重试：%w",
	}.In(t.lang), err)}
}
