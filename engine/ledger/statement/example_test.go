package statement_test

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/heyan-id/heyan/engine/ledger/statement"
)

func ExampleRead() {
	file, err := statement.Read(context.Background(), strings.NewReader(`流水编号,处理时间,备注,消耗
455784350650,2018-03-19 10:50:01 - 2018-03-19 11:00:01,套餐包消耗,7次
455784350651,2018-03-19 11:00:01 - 2018-03-19 11:10:01,套餐包消耗,6次
`))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%d calls billed in %d windows\n", file.Units, len(file.Windows))
	// Output: 13 calls billed in 2 windows
}

func ExampleFaults() {
	_, err := statement.Read(context.Background(), strings.NewReader(`流水编号,处理时间,备注,消耗
455784350650,2018-03-19 10:50:01 - 2018-03-19 11:00:01,套餐包消耗,many
`))
	var faults statement.Faults
	if errors.As(err, &faults) {
		fmt.Println(faults)
	}
	// Output: row 2, column 消耗: expected a count such as "7次"
}
