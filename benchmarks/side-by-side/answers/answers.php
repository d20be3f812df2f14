<?php
// The answers for php-fpm, behind nginx.

function text($body)
{
    header('Content-Type: text/plain');
    header('Content-Length: ' . strlen($body));
    echo $body;
}

switch (parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH)) {
    case '/answers/small':
        text("Twenty-eight bytes of text.\n");
        break;
    case '/answers/bytes':
        text(str_repeat('x', (int) $_GET['bytes']));
        break;
    case '/answers/upload':
        text(strlen(file_get_contents('php://input')) . "\n");
        break;
    case '/answers/slow':
        usleep(10000);
        text("slow\n");
        break;
    default:
        http_response_code(404);
}
