package assemble

import "github.com/heyan-id/heyan/engine/store/sqlstore"

// ErrOwned says that another process has the SQLite file open that a daemon wants.
var ErrOwned = sqlstore.ErrOwned
