// Hands a worker's messages over one after the other, in the order in which they came, from when it is ready on.
export function serve(ready, handle) {
  let last = ready;
  self.onmessage = ({ data }) => {
    last = last.then(() => handle(data));
    // An error thrown from a timer ends in the page's `error` event of this worker; a rejected promise would not.
    last.catch((error) => setTimeout(() => { throw error; }));
  };
}
