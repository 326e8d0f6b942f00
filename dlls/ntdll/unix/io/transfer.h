/* File objects on their way to another process: pack and unpack of file_type (ob/transfer.h). */
#pragma once

#include "ob/object.h"

NTSTATUS file_pack(struct object *object, struct transfer *transfer);
NTSTATUS file_unpack(struct transfer *transfer, struct object **object);
