# Perl's Mojolicious as a peer of compressed sessions:
#     perl mojo.pl mojolicious server PORT OPTIONS | client URL OPTIONS MESSAGES
use Mojo::Base -strict;
use Mojo::File;
use Mojo::IOLoop;
use Mojo::JSON 'decode_json';
use Mojo::Server::Daemon;
use Mojo::UserAgent;
use Mojolicious;

my ($library, $role, $where, $options, $file) = @ARGV;

sub serve {
    my $app = Mojolicious->new;
    $app->log->level('fatal');
    $app->routes->websocket('/')->to(cb => sub {
        my $c = shift;
        $c->tx->with_compression;
        $c->tx->max_websocket_size(64 << 20);
        $c->on(text => sub {
            my ($c, $bytes) = @_;
            my $copy = $bytes; # whether it is UTF-8 is left to the caller
            utf8::decode($copy) ? $c->send({text => $bytes}) : $c->finish(1007);
        });
        $c->on(binary => sub { my ($c, $bytes) = @_; $c->send({binary => $bytes}) });
    });
    my $daemon = Mojo::Server::Daemon->new(app => $app, listen => ["http://127.0.0.1:$where"], silent => 1);
    $daemon->start;
    $| = 1;
    say 'listening';
    Mojo::IOLoop->start;
}

sub talk {
    my @left = @{decode_json(Mojo::File->new($file)->slurp)};
    my $ended = 'too slow';
    my $ua = Mojo::UserAgent->new;
    my $tx = $ua->build_websocket_tx($where);
    $tx->req->headers->sec_websocket_extensions('permessage-deflate');
    $ua->start($tx => sub {
        my ($ua, $tx) = @_;
        unless ($tx->is_websocket) { $ended = 'refused'; return Mojo::IOLoop->stop }
        $tx->on(message => sub {
            my ($tx, $text) = @_;
            if ($text ne shift @left) { $ended = 'another message came back'; return Mojo::IOLoop->stop }
            @left ? $tx->send($left[0]) : $tx->finish(1000);
        });
        $tx->on(finish => sub {
            my ($tx, $code) = @_;
            $ended = $code == 1000 && !@left ? undef : "closed with $code";
            Mojo::IOLoop->stop;
        });
        $tx->send($left[0]);
    });
    Mojo::IOLoop->timer(8 => sub { Mojo::IOLoop->stop });
    Mojo::IOLoop->start;
    say defined $ended ? "failed: $ended" : 'ok';
    exit(defined $ended);
}

$role eq 'server' ? serve() : talk();
