// SPDX-License-Identifier: Apache-2.0
package dev.stasis.zdtm.lib.spawn;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A process that the warden has started for us. Any thread. */
public final class Running {
    private final Warden warden;
    private final Command command;
    private final int pid;
    private final CompletableFuture<Ending> ending;

    Running(Warden warden, Command command, int pid, CompletableFuture<Ending> ending) {
        this.warden = warden;
        this.command = command;
        this.pid = pid;
        this.ending = ending;
    }

    public int pid() {
        return pid;
    }

    /** Waits for the end; empty if it did not come in time. */
    public Optional<Ending> await(Duration limit) {
        try {
            return Optional.of(ending.get(limit.toNanos(), TimeUnit.NANOSECONDS));
        } catch (TimeoutException e) {
            return Optional.empty();
        } catch (ExecutionException e) {
            throw new IllegalStateException("the warden is gone", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    /** Waits for the end; a process that does not end in time is killed and the caller fails. */
    public Ending awaitOrKill(Duration limit) {
        Optional<Ending> end = await(limit);
        if (end.isEmpty()) {
            warden.signal(pid, Ending.SIGKILL);
            await(Duration.ofSeconds(10));
            throw new AssertionError("not done after " + limit.toSeconds() + " s: " + command.arguments());
        }
        return end.get();
    }

    /** Sends a signal; a process that has ended already is left alone. */
    public void signal(int number) {
        if (!ending.isDone()) {
            warden.signal(pid, number);
        }
    }
}
