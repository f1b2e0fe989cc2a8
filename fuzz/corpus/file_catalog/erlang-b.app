a/ebin/b.app
no term