/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.plan;

/**
 * The gradient of a node's result.
 *
 * @param owned whether nobody else reads the value, so that it may be overwritten
 */
record Flow(Value value, boolean owned) {}
