/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cluster;

import java.io.Serializable;
import org.amend4j.cuda.choice.Devices;

/** The device that a piece of work computes on. It goes along with the work, and is asked in the process and on the thread that does it. */
@FunctionalInterface
public interface TaskDevice extends Serializable {

    /**
     * What to open.
     *
     * @throws IllegalArgumentException if there is nothing for this piece of work
     */
    Devices.Wanted here();
}
