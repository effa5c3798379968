"""A client of kz/idcard with the standard library: HOST APPCODE NUMBER NAME."""
import json
import sys
import urllib.error
import urllib.parse
import urllib.request

host, appcode, number, name = sys.argv[1:5]
form = urllib.parse.urlencode({"name": name, "idcard": number}).encode("utf-8")
request = urllib.request.Request(host + "/api-mall/api/id_card/check", data=form)
request.add_header("Authorization", "APPCODE " + appcode)
request.add_header("Content-Type", "application/x-www-form-urlencoded; charset=UTF-8")
try:
    with urllib.request.urlopen(request) as reply:
        print(reply.status, json.loads(reply.read().decode("utf-8"))["data"]["result"])
except urllib.error.HTTPError as error:
    print(error.code, error.headers["X-Ca-Error-Code"])
