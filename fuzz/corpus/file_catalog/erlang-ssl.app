usr/lib/erlang/lib/ssl-10.8/ebin/ssl.app
{application, ssl,
 [{description, "Erlang/OTP SSL application"},
  {vsn, "10.8"}]}.
