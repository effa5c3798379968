package httpapi

// exampleOf returns an example of the body of an operation, nil if it has no body. The person
// is fictitious.
func exampleOf(operation string) any {
	type object = map[string]any
	person := object{"name": "张三", "id_number": "11010519491231002X"}
	switch operation {
	case "verify", "explain":
		return object{"check": "id_name", "subject": person, "purpose": "account-opening", "consent_id": "con_06H2RDI86QAPV2CFNJT9T2SAGG"}
	case "orderSecondOpinion":
		return object{"check": "id_name", "subject": person, "reason": "the register of the first vendor lags after a change of name"}
	case "draftConsent":
		return object{"subject": person, "app": "web", "purpose": "account-opening"}
	case "giveConsent":
		return object{"text_hash": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", "action": "checkbox"}
	case "presentConsent":
		return object{"channel": "app"}
	case "refuseConsent", "withdrawConsent":
		return object{}
	case "closeProvider", "drainProvider":
		return object{"reason": "announced maintenance", "until": "2026-12-01T06:00:00+08:00"}
	case "resumeProvider":
		return object{"reason": "the maintenance is over"}
	case "findSubject", "exportSubject", "eraseSubject":
		return object{"id_number": "11010519491231002X"}
	case "addLot":
		return object{"id": "2026-11-order-1", "provider": "idcert-main", "units": 10000, "amount": "690.00", "currency": "CNY"}
	case "cancelLot":
		return object{"reason": "booked twice"}
	case "addWindow":
		return object{"provider": "idcert-main", "cron": "0 2 * * 0", "duration": "2h", "zone": "Asia/Shanghai", "reason": "weekly maintenance"}
	case "createKey":
		return object{"name": "shop", "scopes": []string{"verify", "read"}, "apps": []string{"web"}}
	}
	return nil
}
