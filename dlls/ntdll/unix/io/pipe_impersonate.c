/* Whose token a server's thread gets when it impersonates its client.
 *
 * A client's quality of service says how far that goes and whether the server sees the client as it was when it opened the
 * pipe, or as the thread was that last wrote (dynamic tracking, which is the default). The server's end keeps the token. Of
 * a client in another process only the user is known, who is ours: it is seen with the token that processes start with.
 */
#include "io/pipe.h"
#include "ob/name.h"
#include "ob/token.h"
#include "ps/thread.h"

static struct object *effective_token(void)
{
    struct object *token = token_of_thread(current_thread());

    return token ? token : token_of_process();
}

void pipe_keep_client_locked(struct pipe_end *server, const struct pipe_qos *qos, bool here)
{
    struct token *token = (struct token *)(here ? effective_token() : token_of_process());

    pipe_forget_client_locked(server);
    server->qos = *qos;
    if (here && !qos->dynamic) server->client_token = token_duplicate(token, TokenImpersonation, qos->level);
    else server->client_token = object_ref(token);
}

void pipe_forget_client_locked(struct pipe_end *server)
{
    object_unref(server->client_token);
    server->client_token = NULL;
}

void pipe_note_writer(struct pipe_end *client)
{
    struct object *token;

    if (client->server || !client->qos.dynamic) return;
    token = effective_token();
    /* The server's end has a reference on it, so it is no other token at the same place. */
    if (__atomic_load_n(&client->noted_token, __ATOMIC_RELAXED) == token) return;
    pthread_mutex_lock(&pipe_lock);
    if (client->peer)
    {
        pipe_forget_client_locked(client->peer);
        client->peer->client_token = object_ref(token);
        __atomic_store_n(&client->noted_token, token, __ATOMIC_RELAXED);
    }
    pthread_mutex_unlock(&pipe_lock);
}

/* What is off cannot be switched on by who impersonates. */
static void drop_disabled(struct token *token)
{
    for (unsigned int i = 0; i < token->privilege_count; i++)
        if (!(token_privilege_attributes(token, i) & SE_PRIVILEGE_ENABLED)) token_set_privilege(token, i, SE_PRIVILEGE_REMOVED);
}

NTSTATUS pipe_impersonate(struct pipe_end *server)
{
    SECURITY_IMPERSONATION_LEVEL level;
    struct token *client = NULL;
    struct object *copy;
    struct pipe_qos qos;

    if (!server->server) return STATUS_ILLEGAL_FUNCTION;
    pthread_mutex_lock(&pipe_lock);
    if (server->client_token) client = object_ref(server->client_token);
    qos = server->qos;
    pthread_mutex_unlock(&pipe_lock);
    if (!client) return STATUS_CANNOT_IMPERSONATE;
    level = client->type == TokenImpersonation && client->level < qos.level ? client->level : qos.level;
    copy = token_duplicate(client, TokenImpersonation, level);
    object_unref(client);
    if (!copy) return STATUS_NO_MEMORY;
    if (qos.effective_only) drop_disabled((struct token *)copy);
    token_impersonate(copy);
    object_unref(copy);
    return STATUS_SUCCESS;
}
