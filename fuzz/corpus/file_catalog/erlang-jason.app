opt/app/lib/jason-1.4.1/ebin/jason.app
{application,jason,
             [{applications,[kernel,stdlib]},
              {description,"a parser"},
              {vsn,"1.4.1"}]}.
