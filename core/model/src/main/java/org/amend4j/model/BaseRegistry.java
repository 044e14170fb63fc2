/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.model;

import java.lang.ref.WeakReference;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** The base models open in this process, by fingerprint. Holds weak references: users of a model keep it alive. */
final class BaseRegistry {

    private static final Map<Fingerprint, WeakReference<BaseModel>> OPEN = new ConcurrentHashMap<>();

    private BaseRegistry() {}

    /** Registers {@code base}, or gives the equal one that is already open, so that equal weights are held once. */
    static BaseModel register(BaseModel base) {
        OPEN.values().removeIf(reference -> reference.get() == null);
        BaseModel[] result = {base};
        OPEN.compute(base.fingerprint(), (fingerprint, present) -> {
            BaseModel open = present == null ? null : present.get();
            if (open == null) {
                return new WeakReference<>(base);
            }
            result[0] = open;
            return present;
        });
        return result[0];
    }

    static Optional<BaseModel> find(Fingerprint fingerprint) {
        return Optional.ofNullable(OPEN.get(fingerprint)).map(WeakReference::get);
    }
}
