/* SPDX-License-Identifier: Apache-2.0 */
/** Files and folders that a command writes: whole or not at all, locked, and cleared of what killed runs left. */
@NullMarked
package org.amend4j.app.files;

import org.jspecify.annotations.NullMarked;
