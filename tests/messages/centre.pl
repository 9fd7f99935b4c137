#!/usr/bin/perl
# A message centre for tests, made of Debian's libnet-smpp-perl (Net::SMPP, another's SMPP 3.4): takes binds as `city` with `secret01`,
# answers submit_sm with the next status of FOLDER/answers (a line each; 0 when there is none), sends a receipt for each text that asks
# for one, and writes a line into FOLDER/log for all that happens. A process for each session. Usage: centre.pl PORT FOLDER
use strict;
use warnings;
use Fcntl qw(:flock);
use Net::SMPP;

my ($port, $folder) = @ARGV;
$SIG{CHLD} = 'IGNORE';
$0 = "centre.pl $port";

sub note {
    open(my $f, '>>', "$folder/log") or die;
    flock($f, LOCK_EX);
    print $f join(' ', @_), "\n";
    close $f;
}

sub next_status {
    open(my $f, '+<', "$folder/answers") or return 0;
    flock($f, LOCK_EX);
    my @lines = <$f>;
    my $first = @lines ? shift @lines : '0';
    truncate($f, 0);
    seek($f, 0, 0);
    print $f @lines;
    close $f;
    chomp $first;
    return oct($first);
}

my $listening = Net::SMPP->new_listen('127.0.0.1', port => $port, smpp_version => 0x34, interface_version => 0x34,
    addr_ton => 0, addr_npi => 1, source_addr_ton => 0, source_addr_npi => 1, dest_addr_ton => 0, dest_addr_npi => 1,
    system_type => '', facilities_mask => 0x00010003) or die "cannot listen: $!";
note('listening');
while (1) {
    my $s = $listening->accept or next;
    my $pid = fork;
    next if $pid;
    my $n = 0;
    while (my $p = $s->read_pdu) {
        my $c = $p->{cmd};
        if ($c == 0x9) {
            my $right = $p->{system_id} eq 'city' && $p->{password} eq 'secret01';
            note('bind', $right ? 'right' : 'wrong');
            $s->bind_transceiver_resp(system_id => 'centre', seq => $p->{seq}, status => $right ? 0 : 0xe);
        } elsif ($c == 0x15) {
            note('enquire_link');
            $s->enquire_link_resp(seq => $p->{seq});
        } elsif ($c == 0x4) {
            my $status = next_status();
            my $id = sprintf('C%d-%d', $$, ++$n);
            note('submit', $p->{destination_addr}, $p->{source_addr}, $p->{data_coding}, $p->{esm_class}, $status, $id,
                unpack('H*', $p->{short_message}));
            $s->submit_sm_resp(message_id => $status ? '' : $id, seq => $p->{seq}, status => $status);
            next if $status || !$p->{registered_delivery};
            $s->deliver_sm(async => 1, source_addr => $p->{destination_addr}, destination_addr => $p->{source_addr}, esm_class => 4,
                short_message => "id:$id sub:001 dlvrd:001 submit date:2611210900 done date:2611210901 stat:DELIVRD err:000 text:");
        } elsif ($c == 0x80000005) {
            note('written-down');
        } elsif ($c == 0x6) {
            note('unbind');
            $s->unbind_resp(seq => $p->{seq});
            last;
        }
    }
    note('over');
    exit 0;
}
