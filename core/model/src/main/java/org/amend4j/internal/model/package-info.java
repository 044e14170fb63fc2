/* SPDX-License-Identifier: Apache-2.0 */
/** Bytes, structure and copies of Deeplearning4j graphs: the only access to its files and configurations. */
@NullMarked
package org.amend4j.internal.model;

import org.jspecify.annotations.NullMarked;
