/* SPDX-License-Identifier: Apache-2.0 */
/* door.h: sockets of another network namespace, without leaving one's own. */
#pragma once
#include <gio/gio.h>

typedef struct KilnDoor KilnDoor;

/**
 * Start a small process that enters the network namespace of @pid (and, when that is another than the caller's, its user
 * namespace first, which the namespace's maker may) and makes sockets there on demand. It ends with the door.
 *
 * Errors: KILN_ERROR_IO, KILN_ERROR_NOT_FOUND the process has ended, or is in no other network than the caller. Source: setns(2), unix(7) SCM_RIGHTS.
 */
KilnDoor *kiln_door_open(int pid, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/** A new TCP socket in there (AF_INET or AF_INET6), non-blocking; the caller closes it. -1 on error. Any thread. */
int kiln_door_socket(KilnDoor *door, int family, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/** Begin to connect a new socket to loopback and @port: 127.0.0.1, or ::1 for AF_INET6. -1 on error. */
int kiln_door_connect(KilnDoor *door, int family, guint port, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/** The same in the caller's own namespace. */
int kiln_loopback_connect(int family, guint port, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void kiln_door_close(KilnDoor *door);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(KilnDoor, kiln_door_close)
