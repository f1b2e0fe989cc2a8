{application,jason,
             [{applications,[kernel,stdlib]},
              {description,"a parser"},
              {vsn,"1.4.1"}]}.
