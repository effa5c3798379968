package doctor

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/heyan-id/heyan/config/assemble"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger"
)

// The bounds below which a store or a clock is a finding.
const (
	leastSpace = 64 << 20 // bytes; a start needs some, and a migration a copy of the file
	lowSpace   = 1 << 30
	maxOffset  = 2 * time.Second // between the clocks of a node and of the database
	badOffset  = time.Minute
)

// store examines the database.
func (x *examination) store(ctx context.Context) {
	c := x.config.Store
	if c.Driver == "memory" {
		x.add("store", "store.driver", Warn, idv.Text{EN: "memory: the ledger, consents and keys end with the process", ZH: "memory：账本、同意与密钥随进程消失"},
			idv.Text{EN: "use sqlite or postgres", ZH: "改用 sqlite 或 postgres"})
		return
	}
	timeout := x.Timeout
	if c.Driver == "sqlite" {
		timeout *= 6 // all of the file is read
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	found, err := assemble.ExamineStore(ctx, x.assembly)
	x.database = found
	if err != nil {
		x.add("store", "store.dsn", Fail, same(err.Error()), idv.Text{EN: "check that the database runs, that this user may use it, and store.dsn", ZH: "确认数据库正在运行、当前用户有权访问，并核对 store.dsn"})
		return
	}
	x.tables()
	if c.Driver == "sqlite" {
		x.disk()
	} else {
		x.server()
	}
	if found.Missing || found.From != found.To {
		return
	}
	x.packages(time.Now())
	x.keys(time.Now())
}

// tables judges the version and the health of the tables.
func (x *examination) tables() {
	found := &x.database
	version := fmt.Sprintf("%d", found.From)
	switch {
	case found.Missing:
		x.ok("store", "schema", idv.Text{EN: "there is no database yet; the first start creates it", ZH: "尚无数据库，首次启动时创建"})
		return
	case len(found.Damage) > 0:
		x.add("store", "integrity", Fail, idv.Text{EN: "the database is damaged", ZH: "数据库已损坏"},
			idv.Text{EN: "stop heyan, keep a copy of the files, restore the last backup, and reconcile the ledger with the vendors' bills", ZH: "停止 heyan，保留文件副本，恢复最近的备份，并与供应商账单对账"})
		return
	case x.config.Store.Driver == "sqlite" && !found.Checked:
		x.add("store", "integrity", Warn, idv.Text{EN: "the file was not read to its end within the time", ZH: "限定时间内未读完整个文件"}, idv.Text{EN: "raise --timeout", ZH: "调大 --timeout"})
	case x.config.Store.Driver == "sqlite":
		x.ok("store", "integrity", idv.Text{EN: "no damage found", ZH: "未发现损坏"})
	}
	switch {
	case found.From > found.To:
		x.add("store", "schema", Fail, idv.Text{EN: "version " + version + " is newer than this program", ZH: "版本 " + version + " 比本程序新"},
			idv.Text{EN: "use the version of heyan that wrote it", ZH: "使用写入它的 heyan 版本"})
	case found.From == 0:
		x.ok("store", "schema", idv.Text{EN: "the database is empty; the first start creates the tables", ZH: "数据库为空，首次启动时建表"})
	case found.From != found.To:
		x.add("store", "schema", Warn, idv.Text{EN: fmt.Sprintf("version %s; this program needs %d", version, found.To), ZH: fmt.Sprintf("版本 %s，本程序需要 %d", version, found.To)},
			idv.Text{EN: "make a backup, then run heyan migrate --config FILE", ZH: "先备份，再执行 heyan migrate --config FILE"})
	default:
		x.ok("store", "schema", idv.Text{EN: "version " + version, ZH: "版本 " + version})
	}
}

// disk judges the place of a SQLite file.
func (x *examination) disk() {
	path := x.database.Path
	folder := filepath.Dir(path)
	targets := []string{folder}
	if !x.database.Missing {
		targets = append(targets, path)
	}
	for _, target := range targets {
		if !writable(target) {
			x.add("store", target, Fail, idv.Text{EN: "this user cannot write it", ZH: "当前用户无写权限"},
				idv.Text{EN: "run doctor as the user of the daemon, or give that user the folder and its files", ZH: "以服务所用的用户运行 doctor，或将该目录及文件的权限授予该用户"})
			return
		}
	}
	x.ok("store", path, idv.Text{EN: "writable", ZH: "可写"})
	if free, known := freeSpace(folder); known {
		text := idv.Text{EN: fmt.Sprintf("%d MiB free", free>>20), ZH: fmt.Sprintf("剩余 %d MiB", free>>20)}
		remedy := idv.Text{EN: "free some space: without any, heyan makes no call", ZH: "清理磁盘：空间耗尽时 heyan 不发起调用"}
		switch {
		case free < leastSpace:
			x.add("disk", folder, Fail, text, remedy)
		case free < lowSpace:
			x.add("disk", folder, Warn, text, remedy)
		default:
			x.ok("disk", folder, text)
		}
	}
	if info, err := os.Stat(path); err == nil && time.Until(info.ModTime()) > badOffset {
		x.add("clock", "store", Fail, idv.Text{EN: "the database was written at a time that is in the future", ZH: "数据库的写入时间在未来"},
			idv.Text{EN: "the clock of this machine was set back; synchronize it (chrony, systemd-timesyncd)", ZH: "本机时钟曾被调回，请启用时间同步（chrony、systemd-timesyncd）"})
	}
}

// server judges a PostgreSQL server.
func (x *examination) server() {
	found := &x.database
	if found.Standby {
		x.add("store", "server", Fail, idv.Text{EN: "PostgreSQL " + found.Server + " is a standby, which accepts no writes", ZH: "PostgreSQL " + found.Server + " 是备库，不可写"},
			idv.Text{EN: "name the primary in store.dsn, or add target_session_attrs=read-write", ZH: "在 store.dsn 中指定主库，或加 target_session_attrs=read-write"})
	} else {
		x.ok("store", "server", same("PostgreSQL "+found.Server))
	}
	text := idv.Text{EN: fmt.Sprintf("differs by %s", found.Offset.Round(time.Millisecond)), ZH: fmt.Sprintf("相差 %s", found.Offset.Round(time.Millisecond))}
	remedy := idv.Text{EN: "synchronize both machines (chrony, systemd-timesyncd)", ZH: "两台机器都启用时间同步（chrony、systemd-timesyncd）"}
	switch off := found.Offset.Abs(); {
	case off > badOffset:
		x.add("clock", "store", Fail, text, remedy)
	case off > maxOffset:
		x.add("clock", "store", Warn, text, remedy)
	default:
		x.ok("clock", "store", text)
	}
}

// soonExpired is the time before its end in which a package is a finding.
const soonExpired = 30 * 24 * time.Hour

// packages judges the packages of each provider that has one.
func (x *examination) packages(now time.Time) {
	for _, p := range x.config.Providers {
		var available, bought int64
		var last time.Time
		forever, lots := false, 0
		for i := range x.database.Lots {
			l := &x.database.Lots[i]
			if l.Provider != p.Name || l.Open || !l.Canceled.IsZero() {
				continue
			}
			lots++
			if !l.Expires.IsZero() && l.Expires.Before(now) {
				continue
			}
			bought, available = bought+l.Units, available+l.Available
			forever = forever || l.Expires.IsZero()
			if l.Available > 0 && l.Expires.After(last) {
				last = l.Expires
			}
		}
		x.packageOf(p.Name, lots, available, bought, last, forever, now)
	}
}

func (x *examination) packageOf(provider string, lots int, available, bought int64, last time.Time, forever bool, now time.Time) {
	remedy := idv.Text{EN: "buy a package, then heyan ledger lots add --provider " + provider, ZH: "购买套餐后执行 heyan ledger lots add --provider " + provider}
	left := idv.Text{EN: fmt.Sprintf("%d of %s left", available, idv.Count(bought, "call")), ZH: fmt.Sprintf("剩余 %d 次，共 %d 次", available, bought)}
	levels := x.config.Alerts.Percent
	switch {
	case lots == 0:
		x.ok("package", provider, idv.Text{EN: "no package is registered: calls have the price of one call", ZH: "未登记套餐：按单价计费"})
	case available == 0:
		x.add("package", provider, Fail, idv.Text{EN: "all packages are used up or expired, so it is not called", ZH: "套餐均已用完或过期，不再调用"}, remedy)
	case !forever && last.Sub(now) < soonExpired:
		day := ledger.VendorTime(last).Format(time.DateOnly)
		x.add("package", provider, Warn, idv.Text{EN: left.EN + "; the last ones expire on " + day, ZH: left.ZH + "；最后一批于 " + day + " 到期"}, remedy)
	case len(levels) > 0 && available*100 <= bought*int64(levels[len(levels)-1]):
		x.add("package", provider, Warn, left, remedy)
	default:
		x.ok("package", provider, left)
	}
}

// keys looks whether there is a live API key.
func (x *examination) keys(now time.Time) {
	if x.config.Auth.Mode != "keys" {
		return
	}
	live := 0
	for i := range x.database.Keys {
		k := &x.database.Keys[i]
		if k.Revoked.IsZero() && (k.Expires.IsZero() || k.Expires.After(now)) {
			live++
		}
	}
	if live == 0 {
		x.add("api_keys", "auth.mode", Warn, idv.Text{EN: "there is no live API key, so every request is refused", ZH: "没有有效的 API 密钥，所有请求都会被拒绝"},
			idv.Text{EN: "heyan key create --config FILE --name NAME --scope verify,read", ZH: "执行 heyan key create --config FILE --name NAME --scope verify,read"})
		return
	}
	x.ok("api_keys", "auth.mode", idv.Text{EN: idv.Count(live, "live key"), ZH: fmt.Sprintf("%d 个有效密钥", live)})
}
