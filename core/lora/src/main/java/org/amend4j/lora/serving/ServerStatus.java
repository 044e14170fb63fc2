/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.serving;

import java.util.List;

/**
 * What an {@link AdapterServer} has done, and what it has in memory.
 *
 * @param loaded names of the adapters in memory, the one that was not used for longest first
 * @param bytes of their arrays
 * @param loads how often an adapter was loaded
 * @param batches how often the network ran
 * @param answered requests that got an output
 * @param failed requests that got an exception
 */
public record ServerStatus(List<String> loaded, long bytes, long loads, long batches, long answered, long failed) {

    /** Copies the list. */
    public ServerStatus {
        loaded = List.copyOf(loaded);
    }
}
