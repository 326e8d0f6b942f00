/* The offsets that other people's code has compiled in: Windows programs, and our own dispatcher. */
#include "nt/nt.h"
#include "ddk/wdm.h"
#undef DIRECTORY_ALL_ACCESS
#undef SYMBOLIC_LINK_ALL_ACCESS
#include "ps/context.h"
#include "ps/shared_data.h"

#define AT(type, field, offset) _Static_assert(offsetof(type, field) == (offset), #type "." #field)

/* The dispatcher. */
AT(struct thread, frame, THREAD_FRAME);
AT(struct thread, unix_stack, THREAD_UNIX_STACK);
AT(struct thread, pending, THREAD_PENDING);
_Static_assert((PENDING_SUSPEND | PENDING_TERMINATE) == 3, "dispatch_x86_64.S tests these");
AT(struct syscall_frame, rbx, FRAME_RBX);
AT(struct syscall_frame, rbp, FRAME_RBP);
AT(struct syscall_frame, r12, FRAME_R12);
AT(struct syscall_frame, r13, FRAME_R13);
AT(struct syscall_frame, r14, FRAME_R14);
AT(struct syscall_frame, r15, FRAME_R15);
AT(struct syscall_frame, rdi, FRAME_RDI);
AT(struct syscall_frame, rsi, FRAME_RSI);
AT(struct syscall_frame, rsp, FRAME_RSP);
AT(struct syscall_frame, number, FRAME_NUMBER);
AT(struct syscall_frame, mxcsr, FRAME_MXCSR);
AT(struct syscall_frame, status, FRAME_STATUS);
AT(struct syscall_frame, unix_rsp, FRAME_UNIX_RSP);
AT(struct syscall_frame, has_context, FRAME_FLAGS);
AT(struct syscall_frame, xmm, FRAME_XMM6);
AT(struct syscall_frame, iret, FRAME_IRET);
AT(struct syscall_frame, vectors, FRAME_VECTORS);
AT(struct syscall_frame, xmask, FRAME_XMASK);
AT(struct syscall_frame, context, FRAME_CONTEXT);
AT(struct syscall_frame, xsave, FRAME_XSAVE);
_Static_assert(sizeof(struct syscall_entry) == 24, "dispatch_x86_64.S multiplies by it");

/* What lies on the Windows stack at KiUserExceptionDispatcher and KiUserApcDispatcher. */
AT(struct exception_stack, context_ex, 0x4d0);
AT(struct exception_stack, record, 0x4f0);
AT(struct exception_stack, machine, 0x590);
_Static_assert(sizeof(struct exception_stack) == 0x5c0, "the extended state follows, 64-byte aligned");
AT(struct apc_stack, machine, 0x4d0);
_Static_assert(sizeof(struct apc_stack) == 0x500, "apc_stack");

AT(CONTEXT, ContextFlags, 0x30);
AT(CONTEXT, MxCsr, 0x34);
AT(CONTEXT, Rax, 0x78);
AT(CONTEXT, Rcx, 0x80);
AT(CONTEXT, Rsp, 0x98);
AT(CONTEXT, R8, 0xb8);
AT(CONTEXT, R15, 0xf0);
AT(CONTEXT, Rip, 0xf8);
AT(CONTEXT, FltSave, 0x100);
_Static_assert(sizeof(CONTEXT) == 0x4d0, "CONTEXT");

/* The TEB, PEB and KUSER_SHARED_DATA, as far as we fill them. */
AT(TEB, Tib.StackBase, 0x08);
AT(TEB, Tib.StackLimit, 0x10);
AT(TEB, Tib.Self, 0x30);
AT(TEB, ClientId, 0x40);
AT(TEB, Peb, 0x60);
AT(TEB, WOW32Reserved, 0x100);
AT(TEB, ActivationContextStackPointer, 0x2c8);
AT(TEB, RealClientId, 0x7d8);
AT(TEB, StaticUnicodeString, 0x1258);
AT(TEB, StaticUnicodeBuffer, 0x1268);
AT(TEB, DeallocationStack, 0x1478);
AT(TEB, GuaranteedStackBytes, 0x1748);
AT(TEB, SameTebFlags, 0x17ee);
_Static_assert(sizeof(TEB) <= 0x2000, "TEB");

AT(PEB, Mutant, 0x08);
AT(PEB, ImageBaseAddress, 0x10);
AT(PEB, LdrData, 0x18);
AT(PEB, ProcessParameters, 0x20);
AT(PEB, NumberOfProcessors, 0xb8);
AT(PEB, CriticalSectionTimeout, 0xc0);
AT(PEB, HeapSegmentReserve, 0xc8);
AT(PEB, HeapSegmentCommit, 0xd0);
AT(PEB, HeapDeCommitTotalFreeThreshold, 0xd8);
AT(PEB, HeapDeCommitFreeBlockThreshold, 0xe0);
AT(PEB, OSMajorVersion, 0x118);
AT(PEB, OSMinorVersion, 0x11c);
AT(PEB, OSBuildNumber, 0x120);
AT(PEB, OSPlatformId, 0x124);
AT(PEB, ImageSubSystem, 0x128);
AT(PEB, ImageSubSystemMajorVersion, 0x12c);
AT(PEB, ImageSubSystemMinorVersion, 0x130);
AT(PEB, SessionId, 0x2c0);

AT(KSHARED_USER_DATA, TickCountLowDeprecated, 0x000);
AT(KSHARED_USER_DATA, TickCountMultiplier, 0x004);
AT(KSHARED_USER_DATA, InterruptTime, 0x008);
AT(KSHARED_USER_DATA, SystemTime, 0x014);
AT(KSHARED_USER_DATA, TimeZoneBias, 0x020);
AT(KSHARED_USER_DATA, ImageNumberLow, 0x02c);
AT(KSHARED_USER_DATA, NtSystemRoot, 0x030);
AT(KSHARED_USER_DATA, LargePageMinimum, 0x244);
AT(KSHARED_USER_DATA, NtBuildNumber, 0x260);
AT(KSHARED_USER_DATA, NtProductType, 0x264);
AT(KSHARED_USER_DATA, ProductTypeIsValid, 0x268);
AT(KSHARED_USER_DATA, NativeProcessorArchitecture, 0x26a);
AT(KSHARED_USER_DATA, NtMajorVersion, 0x26c);
AT(KSHARED_USER_DATA, NtMinorVersion, 0x270);
AT(KSHARED_USER_DATA, ProcessorFeatures, 0x274);
AT(KSHARED_USER_DATA, SuiteMask, 0x2d0);
AT(KSHARED_USER_DATA, NXSupportPolicy, 0x2d5);
AT(KSHARED_USER_DATA, ActiveConsoleId, 0x2d8);
AT(KSHARED_USER_DATA, NumberOfPhysicalPages, 0x2e8);
AT(KSHARED_USER_DATA, TestRetInstruction, 0x2f8);
AT(KSHARED_USER_DATA, QpcFrequency, 0x300);
AT(KSHARED_USER_DATA, SystemCall, SHARED_DATA_SYSTEM_CALL);
AT(KSHARED_USER_DATA, TickCount, 0x320);
AT(KSHARED_USER_DATA, Cookie, 0x330);
AT(KSHARED_USER_DATA, UnparkedProcessorCount, 0x36a);
AT(KSHARED_USER_DATA, ActiveProcessorCount, 0x3c0);
AT(KSHARED_USER_DATA, ActiveGroupCount, 0x3c4);
AT(KSHARED_USER_DATA, XState, 0x3d8);
_Static_assert(sizeof(KSHARED_USER_DATA) <= 0x1000, "one page");
