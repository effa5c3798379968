package strictjson_test

import (
	"fmt"

	"github.com/heyan-id/heyan/providers/strictjson"
)

// encoding/json reads each of the refused bodies as "01".
func ExampleDecode() {
	for _, body := range []string{
		`{"status":"01","message":"ignored"}`,
		`{"status":"02","STATUS":"01"}`,
		`{"status":"02","status":"01"}`,
	} {
		var reply struct {
			Status string `json:"status"`
		}
		if err := strictjson.Decode([]byte(body), &reply); err != nil {
			fmt.Println("refused:", err)
			continue
		}
		fmt.Println("status", reply.Status)
	}
	// Output:
	// status 01
	// refused: not one JSON document of the expected shape
	// refused: not one JSON document of the expected shape
}

func ExampleMembers() {
	body := []byte(`{"data": {"code": 7}}`)
	members, err := strictjson.Members(body)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, m := range members {
		fmt.Printf("%s = %s\n", m.Name, body[m.Value:m.End])
	}
	// Output:
	// code = 7
	// data = {"code": 7}
}
