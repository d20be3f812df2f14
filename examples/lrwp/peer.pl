#!/usr/bin/env perl
# An LRWP peer with nothing but Perl itself.
#
#     peer.pl HOST PORT NAME [VHOST] [PASSWORD]
#
# (a pool tells the first three by HANDOFF_LRWP_HOST, HANDOFF_LRWP_PORT and HANDOFF_LRWP_NAME)
# registers NAME and answers what it is asked: the environment and the body of a request, or what the query wants:
# bytes=N for a body of that size, status=N, cookies=N, redirect=PATH, pid; sleep=N waits so many milliseconds.
# With a password it speaks LRWP 2.0, else 1.0. Where the variable LRWP_LOG is set, it prints each request it begins.
use strict;
use warnings;
use IO::Socket::INET;
use Socket qw(IPPROTO_TCP TCP_NODELAY);

my $separator = "\xff";
my $piece     = '0123456789abcdef' x 4096;

@ARGV = map { defined $ENV{"HANDOFF_LRWP_$_"} ? $ENV{"HANDOFF_LRWP_$_"} : () } qw(HOST PORT NAME) unless @ARGV;
my ($host, $port, $name, $vhost, $password) = @ARGV;
die "usage: peer.pl HOST PORT NAME [VHOST] [PASSWORD]\n" unless defined $name;
$vhost    = '' unless defined $vhost;
$password = '' unless defined $password;

my $agent = IO::Socket::INET->new(PeerAddr => $host, PeerPort => $port, Proto => 'tcp')
    or die "cannot connect to $host:$port: $!\n";
binmode $agent;
setsockopt $agent, IPPROTO_TCP, TCP_NODELAY, 1;
register();
$| = 1;
print "registered\n";
serve() while 1;

# Reads so many bytes, or ends the program where the agent has gone.
sub read_exactly {
    my ($count) = @_;
    my $bytes = '';
    while (length $bytes < $count) {
        my $read = sysread $agent, $bytes, $count - length $bytes, length $bytes;
        die "the agent has closed the connection\n" unless $read;
    }
    return $bytes;
}

sub read_sized {
    return read_exactly(read_exactly(9));
}

sub read_word {
    my $word = '';
    $word .= read_exactly(1) until $word =~ /$separator$/;
    chop $word;
    return $word;
}

sub send_all {
    my ($bytes) = @_;
    my $sent = 0;
    while ($sent < length $bytes) {
        my $written = syswrite $agent, $bytes, length($bytes) - $sent, $sent;
        die "cannot send: $!\n" unless defined $written;
        $sent += $written;
    }
}

sub register {
    if ($password eq '') {
        send_all($name . $separator . $vhost . $separator);
        # No more than that: a request may follow at once.
        my $reply = read_exactly(2);
        return if $reply eq 'OK';
        sysread $agent, $reply, 256, 2;
        die "$reply\n";
    }
    send_all(join($separator, '', '2.0', $name, $vhost, ''));
    my $reply = read_word();
    if ($reply eq 'CHALLENGE') {
        my $challenge = read_sized();
        my $key       = substr $password x (1 + length($challenge) / length $password), 0, length $challenge;
        send_all(sprintf('%09d', length $challenge) . ($challenge ^ $key));
        $reply = read_word();
    }
    die $reply, ': ', read_word(), "\n" unless $reply eq 'OK';
}

sub serve {
    my $block = read_sized();
    my $body  = read_sized();
    my %env   = map { split /=/, $_, 2 } grep { /=./ } split /\0/, $block;
    my %query = map { my ($key, $value) = split /=/, $_, 2; $key => defined $value ? $value : '' }
        split /&/, defined $env{QUERY_STRING} ? $env{QUERY_STRING} : '';

    print "$env{REQUEST_METHOD} $env{REQUEST_URI}\n" if defined $ENV{LRWP_LOG};
    select undef, undef, undef, $query{sleep} / 1000 if $query{sleep};
    my $head = "Content-type: text/plain\n";
    $head .= "Status: $query{status} As wanted\n" if defined $query{status};
    $head .= "Set-Cookie: number$_=$_\n" for 0 .. ($query{cookies} || 0) - 1;
    $head = "Location: $query{redirect}\n" if defined $query{redirect};
    $head .= "\n";

    my $left     = $query{bytes} || 0;
    my $document = defined $query{bytes} ? ''
        : defined $query{pid}            ? $$
        : $env{REQUEST_METHOD} eq 'POST' ? $body
        :                                  $block =~ tr/\0/\n/r;
    send_all(sprintf('%09d', length($head) + length($document) + $left) . $head . $document);
    while ($left > 0) {
        my $part = substr $piece, 0, $left;
        send_all($part);
        $left -= length $part;
    }
}
