import './base.css';
import './panel.css';
import './card.css';
import './form.css';
import './options.css';
import './pane.css';
import './plot.css';
import './output.css';
