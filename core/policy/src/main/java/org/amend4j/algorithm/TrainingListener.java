/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.algorithm;

/** Is notified of every update, in the training's thread. */
@FunctionalInterface
public interface TrainingListener {

    /**
     * An update was made.
     *
     * @param stepsPerSecond {@link PolicyTraining#stepsPerSecond()} up to here
     */
    void updated(UpdateRecord record, double stepsPerSecond);
}
