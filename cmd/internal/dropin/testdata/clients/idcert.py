"""A client of idcert with the standard library: HOST APPCODE NUMBER NAME."""
import json
import sys
import urllib.error
import urllib.parse
import urllib.request

host, appcode, number, name = sys.argv[1:5]
url = host + "/idcard?" + urllib.parse.urlencode({"idCard": number, "name": name})
request = urllib.request.Request(url)
request.add_header("Authorization", "APPCODE " + appcode)
try:
    with urllib.request.urlopen(request) as reply:
        print(reply.status, json.loads(reply.read().decode("utf-8"))["status"])
except urllib.error.HTTPError as error:
    print(error.code, error.headers["X-Ca-Error-Code"])
