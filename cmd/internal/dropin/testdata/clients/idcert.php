<?php
// A client of idcert with the extension curl: HOST APPCODE NUMBER NAME.
[, $host, $appcode, $number, $name] = $argv;
if (!function_exists('curl_init')) {
    fwrite(STDERR, "the extension curl is missing\n");
    exit(1);
}
$refused = '';
$curl = curl_init($host . '/idcard?idCard=' . $number . '&name=' . urlencode($name));
curl_setopt($curl, CURLOPT_CUSTOMREQUEST, 'GET');
curl_setopt($curl, CURLOPT_HTTPHEADER, ['Authorization:APPCODE ' . $appcode]);
curl_setopt($curl, CURLOPT_FAILONERROR, false);
curl_setopt($curl, CURLOPT_RETURNTRANSFER, true);
curl_setopt($curl, CURLOPT_HEADERFUNCTION, function ($curl, $line) use (&$refused) {
    if (stripos($line, 'X-Ca-Error-Code:') === 0) {
        $refused = trim(substr($line, 16));
    }
    return strlen($line);
});
$body = curl_exec($curl);
$status = curl_getinfo($curl, CURLINFO_HTTP_CODE);
echo $status, ' ', $refused !== '' ? $refused : json_decode($body, true)['status'], "\n";
