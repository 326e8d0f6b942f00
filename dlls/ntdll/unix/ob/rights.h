/* Access rights and options that winnt.h leaves to the driver kit. */
#pragma once

#define DIRECTORY_QUERY               0x0001
#define DIRECTORY_TRAVERSE            0x0002
#define DIRECTORY_CREATE_OBJECT       0x0004
#define DIRECTORY_CREATE_SUBDIRECTORY 0x0008
#define DIRECTORY_ALL_ACCESS          (STANDARD_RIGHTS_REQUIRED | 0x000f)

#define SYMBOLIC_LINK_QUERY           0x0001
#define SYMBOLIC_LINK_ALL_ACCESS      (STANDARD_RIGHTS_REQUIRED | 0x0001)

#define KEYEDEVENT_WAIT               0x0001
#define KEYEDEVENT_WAKE               0x0002
#define KEYEDEVENT_ALL_ACCESS         (STANDARD_RIGHTS_REQUIRED | 0x0003)

#ifndef DUPLICATE_SAME_ATTRIBUTES
#define DUPLICATE_SAME_ATTRIBUTES     0x00000004
#endif
