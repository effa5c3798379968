package doctor

import (
	"strconv"

	"github.com/heyan-id/heyan/engine/idv"
)

// dropin looks for providers on the routes of the drop-in address that cannot tell a mismatch
// from a missing record. The forms of that address cannot say that, so the answer is paid for
// and the caller gets none.
func (x *examination) dropin() {
	if x.config.Dropin.Listen == "" {
		return
	}
	found := false
	for i := range x.config.Routes {
		route := &x.config.Routes[i]
		if route.Check != idv.CheckIDName.String() {
			continue
		}
		for n, name := range route.Providers {
			if d, known := x.products[name]; known && d.Fidelity == idv.TwoWay {
				found = true
				x.add("dropin", "routes["+strconv.Itoa(i)+"].providers["+strconv.Itoa(n)+"]", Warn, idv.Text{
					EN: name + " cannot tell a mismatch from a missing record (two_way), which the drop-in forms cannot say: its callers get 203 or 1001, and the call is paid for",
					ZH: name + " 无法区分不一致与查无此人（two_way），而兼容地址的应答无法表示这种结果：调用方得到 203 或 1001，调用仍须付费",
				}, idv.Text{
					EN: "give the requests of dropin.clients a route of their own, by match, with three_way providers",
					ZH: "用 match 为 dropin.clients 的请求另设路由，只列 three_way 的供应商",
				})
			}
		}
	}
	if !found {
		x.ok("dropin", "dropin.listen", idv.Text{EN: "each known provider of its routes tells a mismatch from a missing record", ZH: "其路由上各已知供应商均能区分不一致与查无此人"})
	}
}
