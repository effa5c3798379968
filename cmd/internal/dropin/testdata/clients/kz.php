<?php
// A client of kz/idcard without an extension: HOST APPCODE NUMBER NAME.
[, $host, $appcode, $number, $name] = $argv;
$context = stream_context_create(['http' => [
    'method' => 'POST',
    'header' => "Authorization: APPCODE $appcode\r\nContent-Type: application/x-www-form-urlencoded; charset=UTF-8\r\n",
    'content' => 'name=' . urlencode($name) . '&idcard=' . $number,
    'ignore_errors' => true,
]]);
$body = file_get_contents($host . '/api-mall/api/id_card/check', false, $context);
$status = explode(' ', $http_response_header[0])[1];
$refused = '';
foreach ($http_response_header as $line) {
    if (stripos($line, 'X-Ca-Error-Code:') === 0) {
        $refused = trim(substr($line, 16));
    }
}
echo $status, ' ', $refused !== '' ? $refused : json_decode($body, true)['data']['result'], "\n";
