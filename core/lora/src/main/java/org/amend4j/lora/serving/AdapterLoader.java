/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.serving;

import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.amend4j.internal.lora.FittedAdapter;
import org.amend4j.model.BaseModel;

/** Loads one adapter at a time, on a thread of its own. For one caller, who says when the next may come: what has arrived takes memory. */
final class AdapterLoader {

    private final BaseModel base;
    private final AdapterSource source;
    private final Consumer<Arrival> arrivals;
    private final ThreadPoolExecutor thread;
    private Optional<String> underWay = Optional.empty();
    private long loads;

    /** @param arrivals told of each on the loader's thread */
    AdapterLoader(BaseModel base, AdapterSource source, Consumer<Arrival> arrivals) {
        this.base = base;
        this.source = source;
        this.arrivals = arrivals;
        this.thread = new ThreadPoolExecutor(1, 1, 0, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), work -> {
            Thread loading = new Thread(work, "amend4j-adapter-loader");
            loading.setDaemon(true);
            return loading;
        });
        thread.prestartCoreThread();
    }

    /** Which one is being loaded, or has arrived and is not put anywhere yet. */
    Optional<String> underWay() {
        return underWay;
    }

    /** How many were begun. */
    long loads() {
        return loads;
    }

    /** Begins with one, while none is under way. */
    void begin(String name) {
        underWay = Optional.of(name);
        loads++;
        thread.execute(() -> arrivals.accept(load(name)));
    }

    /** What has arrived has its place, or none. */
    void settled() {
        underWay = Optional.empty();
    }

    private Arrival load(String name) {
        try {
            FittedAdapter adapter = FittedAdapter.of(base, source.load(name));
            return new Arrival(name, () -> adapter);
        } catch (IOException | RuntimeException | Error e) { // too little memory for one is enough for others
            return new Arrival(name, () -> {
                throw new UnavailableAdapterException(name, e);
            });
        }
    }

    /** Begins no more; whoever loads is interrupted and not waited for. */
    void stop() {
        thread.shutdownNow();
    }
}
